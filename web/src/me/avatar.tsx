// SPDX-License-Identifier: MIT
import { t } from '../i18n';
import { maru, me, myself, rest } from '../maru';
import { choosePicture } from '../ui/picture';

/** The own picture: chooses another one, or takes it away. */
export function changeAvatar(): Promise<void> {
  const keep = (changes: object) => maru.session.keepMe({ ...myself(), ...changes });
  return choosePicture({
    heading: t('myPicture'),
    look: () => ({ id: me.value?.id ?? 0, name: me.value?.nickname ?? '', emblem: me.value?.avatar }),
    crop: async (file) => (await import('./crop')).crop(file),
    set: async (file) => keep(await rest.put('/v1/users/me/avatar', {}, { file })),
    remove: async () => {
      await rest.delete('/v1/users/me/avatar', {});
      keep({ avatar: '' });
    },
  });
}
